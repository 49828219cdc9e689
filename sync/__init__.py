"""The rules that server, generators and tests share; pure."""

PROTOCOL = 1
