// Command order-queue decides batches of order messages.
package main

import "headstart/shared/boot"

func main() { boot.Start("order-queue") }
