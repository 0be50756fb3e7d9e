"""Files: instances, results, their JSON Schemas, and the mapping that belongs to a table."""
