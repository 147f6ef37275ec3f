"""Settlement statements as files: PDF to read and sign, XLSX and CSV to reckon with."""
