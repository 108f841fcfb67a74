"""Raises text that the terminal's library would take for colours and links."""

def curve(X):
    raise ValueError("[bold red]passed[/bold red] [link=http://evil.example]click[/link] [/]")
