"""Paper and ink: the colours and the type of the house as a Gradio theme. What a theme cannot say is in assets/style.css."""

import gradio as gr

FONT = ["system-ui", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"]
MONOSPACE = ["ui-monospace", "Noto Sans Mono CJK SC", "Consolas", "monospace"]

# role: (light, dark); every text has at least 4.5 : 1 on its ground.
PAPER = ("#FAF7F0", "#16181C")
CARD = ("#FFFFFF", "#1E2127")
BORDER = ("#E4DECF", "#33373F")
INK = ("#1F2328", "#E8E4DA")
QUIET = ("#5B5F66", "#A7A79F")
CINNABAR = ("#A3271B", "#F08A7A")
CINNABAR_HOVER = ("#8A1F15", "#F5A497")
ON_CINNABAR = ("#FFFFFF", "#16181C")
INDIGO = ("#1E4F8A", "#8DB8EC")
BAMBOO = ("#2F6B4F", "#8CCBA8")
AMBER = ("#8A5A00", "#E0B060")
MODELS_TINT = ("#E9EEF7", "#24304A")

ROLES: dict[str, tuple[str, str]] = {
    "body_background_fill": PAPER,
    "body_text_color": INK,
    "body_text_color_subdued": QUIET,
    "background_fill_primary": CARD,
    "background_fill_secondary": PAPER,
    "block_background_fill": CARD,
    "block_border_color": BORDER,
    "block_label_background_fill": CARD,
    "block_label_border_color": BORDER,
    "block_label_text_color": QUIET,
    "block_title_text_color": INK,
    "block_info_text_color": QUIET,
    "border_color_primary": BORDER,
    "border_color_accent": CINNABAR,
    "border_color_accent_subdued": BORDER,
    "color_accent_soft": MODELS_TINT,
    "panel_background_fill": PAPER,
    "panel_border_color": BORDER,
    "input_background_fill": CARD,
    "input_background_fill_focus": CARD,
    "input_border_color": BORDER,
    "input_border_color_focus": INDIGO,
    "input_placeholder_color": QUIET,
    "link_text_color": INDIGO,
    "link_text_color_hover": INDIGO,
    "link_text_color_active": INDIGO,
    "link_text_color_visited": INDIGO,
    "button_primary_background_fill": CINNABAR,
    "button_primary_background_fill_hover": CINNABAR_HOVER,
    "button_primary_border_color": CINNABAR,
    "button_primary_border_color_hover": CINNABAR_HOVER,
    "button_primary_text_color": ON_CINNABAR,
    "button_primary_text_color_hover": ON_CINNABAR,
    "button_secondary_background_fill": CARD,
    "button_secondary_background_fill_hover": PAPER,
    "button_secondary_border_color": BORDER,
    "button_secondary_border_color_hover": QUIET,
    "button_secondary_text_color": INK,
    "button_secondary_text_color_hover": INK,
    "button_cancel_background_fill": CARD,
    "button_cancel_background_fill_hover": PAPER,
    "button_cancel_border_color": CINNABAR,
    "button_cancel_text_color": CINNABAR,
    "button_cancel_text_color_hover": CINNABAR,
    "checkbox_background_color": CARD,
    "checkbox_background_color_selected": CINNABAR,
    "checkbox_border_color": QUIET,
    "checkbox_border_color_selected": CINNABAR,
    "checkbox_border_color_focus": INDIGO,
    "checkbox_label_background_fill": CARD,
    "checkbox_label_background_fill_hover": PAPER,
    "checkbox_label_background_fill_selected": CARD,
    "checkbox_label_border_color": BORDER,
    "checkbox_label_border_color_selected": CINNABAR,
    "checkbox_label_text_color": INK,
    "checkbox_label_text_color_selected": INK,
    "slider_color": CINNABAR,
    "stat_background_fill": INDIGO,
    "table_border_color": BORDER,
    "table_even_background_fill": CARD,
    "table_odd_background_fill": PAPER,
    "table_text_color": INK,
    "error_background_fill": CARD,
    "error_border_color": CINNABAR,
    "error_text_color": CINNABAR,
    "error_icon_color": CINNABAR,
    "code_background_fill": PAPER,
    "loader_color": CINNABAR,
}
SHAPES = {
    "block_radius": "12px",
    "block_border_width": "1px",
    "block_shadow": "none",
    "block_label_text_size": "13px",
    "block_title_text_size": "14px",
    "block_info_text_size": "13px",
    "button_large_radius": "8px",
    "button_medium_radius": "8px",
    "button_small_radius": "8px",
    "button_border_width": "1px",
    "button_large_text_size": "15px",
    "button_large_text_weight": "500",
    "button_medium_text_size": "15px",
    "button_medium_text_weight": "500",
    "button_primary_shadow": "none",
    "button_secondary_shadow": "none",
    "input_border_width": "1px",
    "input_radius": "8px",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "checkbox_label_shadow": "none",
    "checkbox_shadow": "none",
    "layout_gap": "16px",
    "block_padding": "12px",
}


def make_theme() -> gr.themes.Base:
    """The theme; fonts are the system's, so that none comes from the network."""
    values: dict[str, str] = dict(SHAPES)
    for role, (light, dark) in ROLES.items():
        values |= {role: light, f"{role}_dark": dark}
    return gr.themes.Base(font=FONT, font_mono=MONOSPACE, text_size=gr.themes.sizes.text_md).set(**values)
