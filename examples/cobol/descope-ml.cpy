      *> The statuses of libdescope_ml (see descope_ml.h), and fields
      *> for the arguments of its functions.
       78  DESCOPE-OK                   VALUE 0.
       78  DESCOPE-E-ARGUMENT           VALUE 1.
       78  DESCOPE-E-CONFIG             VALUE 2.
       78  DESCOPE-E-BUFFER             VALUE 3.
       78  DESCOPE-E-NOT-FOUND          VALUE 4.
       78  DESCOPE-E-NETWORK            VALUE 10.
       78  DESCOPE-E-TLS                VALUE 11.
       78  DESCOPE-E-TIMEOUT            VALUE 12.
       78  DESCOPE-E-PROTOCOL           VALUE 13.
       78  DESCOPE-E-API                VALUE 20.
       78  DESCOPE-E-RATE-LIMITED       VALUE 21.
       78  DESCOPE-E-TOKEN              VALUE 30.
       78  DESCOPE-E-CANCELLED          VALUE 40.
       78  DESCOPE-E-INTERNAL           VALUE 90.
       78  DESCOPE-E-MEMORY             VALUE 91.

       01  DESCOPE-STATUS               USAGE BINARY-LONG.
       01  DESCOPE-REQUEST              USAGE POINTER VALUE NULL.
       01  DESCOPE-RESPONSE             USAGE POINTER VALUE NULL.
      *> Its name in earlier versions.
       01  DESCOPE-ANSWER               REDEFINES DESCOPE-RESPONSE
                                        USAGE POINTER.
       01  DESCOPE-NEEDED               USAGE BINARY-DOUBLE UNSIGNED.
