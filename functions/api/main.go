// Command api answers the calls of sellers, operators and their tools.
package main

import "headstart/shared/boot"

func main() { boot.Start("api") }
