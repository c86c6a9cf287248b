"""The model card: README.md of a bundle, from its facts; a person's words appear in it as plain text only."""

import html
import json
import re
from typing import Any

from models.shape import ModelShape


def card(shape: ModelShape, facts: dict[str, Any]) -> str:
    """README.md: what the model is, how good, how to load it; a person's words appear as plain text only."""
    title = plain(facts.get("title") or "A model made by Moxu")
    sizes = [f"{shape.parameters:,} parameters"] + [f"{name} {value:,}" for name, value in shape.to_json().items()]
    parts = [
        "---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags:\n- gpt2\n- moxu\n---",
        f"# {title}",
        f"A small GPT-2 that learned from novels, made by Moxu: {', '.join(sizes)}.",
        *_table("Scores on chapters it never saw", facts.get("scores")),
        *_table("Made from", facts.get("made_from")),
        *_table("Made with", facts.get("made_with")),
        f"## Writing on\n\nIn this folder:\n\n```python\n{EXAMPLE}```",
        "## Rights\n\nThe model was made from text that its maker brought. Whether it, and what it writes, may be passed on"
        " depends on the rights in that text, which are the maker's concern; no licence is granted here.",
    ]
    return "\n\n".join(parts) + "\n"


EXAMPLE = """\
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
prompt = tokenizer("One day", return_tensors="pt")
written = model.generate(**prompt, max_new_tokens=20, do_sample=True, temperature=0.85, top_p=0.9)
print(tokenizer.decode(written[0], skip_special_tokens=True))
"""


def _table(heading: str, rows: Any) -> list[str]:
    """A section with a two-column table; nothing where there are no rows."""
    if not isinstance(rows, dict) or not rows:
        return []
    lines = [f"| {plain(name)} | {plain(value)} |" for name, value in rows.items()]
    return [f"## {heading}\n\n| | |\n|---|---|\n" + "\n".join(lines)]


def plain(value: object) -> str:
    """Any value as one line of plain text that neither Markdown nor HTML reads as anything else; at most 500 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = html.escape(" ".join(text[:500].split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", line)
