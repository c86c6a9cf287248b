"""The formats that novels come in, one module each: every one turns a file into documents (`documents.py`)."""
