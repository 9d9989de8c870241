"""`python -m pbx_cli`: the same as `pbx`, for when the script is not on the path."""

from pbx_cli.main import main

main()
