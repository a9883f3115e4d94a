from supportctl.cli.main import main

main()
