"""The programs that are measured beside ours, each a server of its own over the same graph."""
