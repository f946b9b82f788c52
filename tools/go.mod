module wasl/tools

go 1.26.0
