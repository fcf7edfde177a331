// Command tracking-queue works off carriers' pushes that could not be written at once.
package main

import "headstart/shared/boot"

func main() { boot.Start("tracking-queue") }
