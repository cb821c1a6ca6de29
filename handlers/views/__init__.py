"""Block Kit as pure functions: values in, messages and views out; and the readers of their forms."""
