"""Receipt printers: document to bytes, bytes to a device, and a device made of software."""
