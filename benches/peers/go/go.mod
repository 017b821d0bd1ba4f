module descope-ml-bench

go 1.21
