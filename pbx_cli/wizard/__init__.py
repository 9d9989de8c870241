"""Questions whose answers become ordinary elements of a tenant; pure but for reading a sound."""
