// Command tracking-webhook takes carriers' webhooks: POST /webhooks/{adapter}/{source}.
package main

import "headstart/shared/boot"

func main() { boot.Start("tracking-webhook") }
