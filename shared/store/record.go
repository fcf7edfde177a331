package store

// SetInt sets a whole number of the record.
func (r *Record) SetInt(name string, v int64) {
	for i := range r.Attrs {
		if r.Attrs[i].Name == name {
			r.Attrs[i] = Int(name, v)
			return
		}
	}
	r.Attrs = append(r.Attrs, Int(name, v))
}
