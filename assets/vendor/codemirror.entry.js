// What the editor needs of CodeMirror 6, and no more; bundled into codemirror.js as README.md says.
export { Annotation, ChangeSet, EditorSelection, EditorState, StateEffect, StateField, Transaction } from "@codemirror/state";
export { Decoration, EditorView, WidgetType, keymap, placeholder } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, invertedEffects, isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
export { search, searchKeymap } from "@codemirror/search";
