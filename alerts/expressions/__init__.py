"""Custom rules' expressions: CEL, checked and translated to polars (docs/decisions/0018)."""
