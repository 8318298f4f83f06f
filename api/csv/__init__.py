"""Files in and out: services, technicians, customers and visits as CSV.

`import_file` and `export_file` are what the command line calls. A file is imported whole or not at all.
"""

from api.csv.exporting import export, export_file, lines
from api.csv.importing import KINDS, import_file, plan_import
from api.csv.reading import Table, read_csv
from api.csv.report import Report, RowError, UnreadableFile

__all__ = [
    "KINDS",
    "Report",
    "RowError",
    "Table",
    "UnreadableFile",
    "export",
    "export_file",
    "import_file",
    "lines",
    "plan_import",
    "read_csv",
]
