"""The pages: everything that imports gradio, and nothing else does. Importing this keeps gradio to itself."""

import os

# Gradio reads these when it is imported. It shall send nothing anywhere and keep no record of what a writer writes.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_RUN_HISTORY"] = "False"
os.environ["GRADIO_SSR_MODE"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
