package boot

import "time"

// Now returns the time, UTC. It is the one clock of the project; rules get the
// time as an argument.
func Now() time.Time { return time.Now().UTC() }
