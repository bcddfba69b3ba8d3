import nbkit as nb

bench = nb.Workbench()
bench
