"""What is asked of the web about one message: which of its addresses, each once, and what came back.

`plan` says what is asked and what is never requested, `asking` asks, `pictures` looks at the files that come back.
"""
