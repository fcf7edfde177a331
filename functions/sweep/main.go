// Command sweep brings up to date what time alone has changed, on a schedule.
package main

import "headstart/shared/boot"

func main() { boot.Start("sweep") }
