// Command notice-stream publishes what changes of items mean to the world.
package main

import "headstart/shared/boot"

func main() { boot.Start("notice-stream") }
