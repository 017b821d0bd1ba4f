      *> Sends a magic link by SMS to an existing user:
      *>     DESCOPE_PROJECT_ID=P... ./signin LOGIN-ID
      *> Without an argument the login ID comes from DESCOPE_LOGIN_ID.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. SIGNIN.

       DATA DIVISION.
       WORKING-STORAGE SECTION.
           COPY "descope-ml.cpy".

      *> The names that end with -Z are C strings: X"00" ends them.
       01  WS-LOGIN-ID                  PIC X(256) VALUE SPACES.
       01  WS-LOGIN-ID-Z                PIC X(257).
       01  WS-POINTER-Z                 PIC X(32).
       01  WS-VALUE-Z                   PIC X(1024).
       01  WS-VALUE-SIZE                USAGE BINARY-DOUBLE UNSIGNED
                                        VALUE 1024.
       01  WS-VALUE                     PIC X(1024).
       01  WS-READ-STATUS               USAGE BINARY-LONG.
       01  WS-MESSAGE                   PIC X(1024).
       01  WS-EXIT-CODE                 USAGE BINARY-LONG VALUE 0.

       PROCEDURE DIVISION.
       MAIN-LINE.
           PERFORM GET-LOGIN-ID
           PERFORM SEND-LINK
           IF DESCOPE-STATUS = DESCOPE-OK
               MOVE Z"/maskedPhone" TO WS-POINTER-Z
               PERFORM READ-RESPONSE
               DISPLAY "sent to " FUNCTION TRIM(WS-VALUE)
           ELSE
               PERFORM PRINT-ERROR
               MOVE 1 TO WS-EXIT-CODE
           END-IF
           CALL "descope_string_free" USING BY VALUE DESCOPE-REQUEST
           CALL "descope_string_free" USING BY VALUE DESCOPE-RESPONSE
           STOP RUN RETURNING WS-EXIT-CODE.

       GET-LOGIN-ID.
           ACCEPT WS-LOGIN-ID FROM ARGUMENT-VALUE
               ON EXCEPTION
                   MOVE SPACES TO WS-LOGIN-ID
           END-ACCEPT
           IF WS-LOGIN-ID = SPACES
               ACCEPT WS-LOGIN-ID FROM ENVIRONMENT "DESCOPE_LOGIN_ID"
                   ON EXCEPTION
                       MOVE SPACES TO WS-LOGIN-ID
               END-ACCEPT
           END-IF
           IF WS-LOGIN-ID = SPACES
               DISPLAY "usage: signin LOGIN-ID" UPON SYSERR
               STOP RUN RETURNING 2
           END-IF
           STRING FUNCTION TRIM(WS-LOGIN-ID) X"00"
               DELIMITED BY SIZE INTO WS-LOGIN-ID-Z.

       SEND-LINK.
           CALL "descope_json_set" USING
               BY REFERENCE DESCOPE-REQUEST
               BY REFERENCE Z"/loginId"
               BY REFERENCE WS-LOGIN-ID-Z
               RETURNING DESCOPE-STATUS
           IF DESCOPE-STATUS = DESCOPE-OK
               CALL "descope_magiclink_signin_sms" USING
                   BY VALUE DESCOPE-REQUEST
                   BY REFERENCE DESCOPE-RESPONSE
                   RETURNING DESCOPE-STATUS
           END-IF.

      *> The outcome "unknown" means that the message may have been
      *> sent.
       PRINT-ERROR.
           MOVE Z"/error/message" TO WS-POINTER-Z
           PERFORM READ-RESPONSE
           MOVE WS-VALUE TO WS-MESSAGE
           MOVE Z"/error/outcome" TO WS-POINTER-Z
           PERFORM READ-RESPONSE
           DISPLAY "status " DESCOPE-STATUS ": "
               FUNCTION TRIM(WS-MESSAGE)
               " (" FUNCTION TRIM(WS-VALUE) ")" UPON SYSERR.

      *> Reads the value at WS-POINTER-Z of the response into WS-VALUE.
       READ-RESPONSE.
           CALL "descope_json_get" USING
               BY VALUE DESCOPE-RESPONSE
               BY REFERENCE WS-POINTER-Z
               BY REFERENCE WS-VALUE-Z
               BY VALUE WS-VALUE-SIZE
               BY REFERENCE DESCOPE-NEEDED
               RETURNING WS-READ-STATUS
           IF WS-READ-STATUS = DESCOPE-OK
               UNSTRING WS-VALUE-Z DELIMITED BY X"00" INTO WS-VALUE
           ELSE
               MOVE "(no value)" TO WS-VALUE
           END-IF.
