// Command mail-queue notes what became of mails after the mail server took them.
package main

import "headstart/shared/boot"

func main() { boot.Start("mail-queue") }
