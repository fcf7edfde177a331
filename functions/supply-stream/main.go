// Command supply-stream folds changes of transport units and shipments into items.
package main

import "headstart/shared/boot"

func main() { boot.Start("supply-stream") }
