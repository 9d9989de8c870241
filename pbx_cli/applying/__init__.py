"""Files applied, compared and rolled back: looked at, judged, asked about, carried out, told."""
