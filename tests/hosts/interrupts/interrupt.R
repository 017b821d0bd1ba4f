# Ctrl-C during a call.
# Usage: Rscript interrupt.R MODULE CONFIG OPERATION REQUEST
arguments <- commandArgs(trailingOnly = TRUE)
module <- dyn.load(arguments[1])
tryCatch(
  {
    .Call(module$descope_r_call, arguments[2], arguments[3], arguments[4])
    cat("no exception\n")
  },
  interrupt = function(condition) cat(class(condition)[1], "\n")
)
