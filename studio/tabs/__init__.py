"""The five tabs. Each is a frozen dataclass of components, `build` (layout), handlers, and `wire` (events)."""
