package advice

import "slices"

// Promises counts the orders of which it is known whether their first promised
// date was kept.
type Promises struct {
	Kept   uint32
	Late   [6]uint32 // by how many days: 1, 2, 3, 4 to 7, 8 to 14, more
	Stated [9]Stated // by how sure they were said to be
}

// Stated counts the promises that were said to be about equally sure.
type Stated struct {
	Resolved, Kept uint32
	Sum            uint32 // of what was said of each, in thousandths
}

// lateFrom is the least lateness in days of each count.
var lateFrom = [...]int{1, 2, 3, 4, 8, 15}

// StatedFrom is the least of each class of certainty, in thousandths. Below a
// half nobody would call it a promise; above 95 % a little matters much.
var StatedFrom = [...]int{0, 500, 600, 700, 800, 900, 950, 980, 990}

// LateFrom returns the least lateness in days of each count of Promises.Late.
func LateFrom() []int { return slices.Clone(lateFrom[:]) }

// add counts a promise that was resolved so many days after its date, at or below
// 0 in time, and that was said to be so sure, in thousandths; 0 = nothing was said.
func (p *Promises) add(late, how int) {
	kept := late <= 0
	if kept {
		p.Kept++
	} else {
		p.Late[class(lateFrom[:], late)]++
	}
	if how == 0 {
		return
	}
	s := &p.Stated[class(StatedFrom[:], how)]
	s.Resolved++
	s.Sum += uint32(how)
	if kept {
		s.Kept++
	}
}

// class returns the last class whose least value n reaches.
func class(from []int, n int) int {
	i, found := slices.BinarySearch(from, n)
	if !found {
		i--
	}
	return i
}

// Resolved returns how many promises are decided.
func (p *Promises) Resolved() uint32 {
	n := p.Kept
	for _, late := range p.Late {
		n += late
	}
	return n
}
