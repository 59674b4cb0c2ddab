"""The code editor: CodeMirror, its buffers and its languages."""
