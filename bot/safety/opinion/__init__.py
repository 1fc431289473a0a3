"""The screen's second opinion: a sentence encoder tuned on lines of ours, which reads what no rule foresaw."""
