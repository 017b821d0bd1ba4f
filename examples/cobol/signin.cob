      *> Sends a magic link by SMS: signin LOGIN-ID. Without an
      *> argument the login ID comes from DESCOPE_LOGIN_ID, as the
      *> project comes from DESCOPE_PROJECT_ID.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. SIGNIN.

       DATA DIVISION.
       WORKING-STORAGE SECTION.
           COPY "descope-ml.cpy".

       01  WS-LOGIN-ID                  PIC X(256) VALUE SPACES.
       01  WS-LOGIN-ID-Z                PIC X(257).
       01  WS-TEXT-Z                    PIC X(512).
       01  WS-TEXT-SIZE                 USAGE BINARY-DOUBLE UNSIGNED
                                        VALUE 512.
       01  WS-PHONE                     PIC X(64) VALUE SPACES.
       01  WS-MESSAGE                   PIC X(512) VALUE SPACES.
       01  WS-OUTCOME                   PIC X(16) VALUE SPACES.

       PROCEDURE DIVISION.
       MAIN-LINE.
           PERFORM GET-LOGIN-ID
           PERFORM SEND-LINK
           IF DESCOPE-STATUS = DESCOPE-OK
               DISPLAY "sent to " FUNCTION TRIM(WS-PHONE)
           ELSE
               PERFORM EXPLAIN
           END-IF
           CALL "descope_string_free" USING BY VALUE DESCOPE-REQUEST
           CALL "descope_string_free" USING BY VALUE DESCOPE-ANSWER
           IF DESCOPE-STATUS = DESCOPE-OK
               STOP RUN RETURNING 0
           ELSE
               STOP RUN RETURNING 1
           END-IF.

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
                   BY REFERENCE DESCOPE-ANSWER
                   RETURNING DESCOPE-STATUS
           END-IF
           IF DESCOPE-STATUS = DESCOPE-OK
               CALL "descope_json_get" USING
                   BY VALUE DESCOPE-ANSWER
                   BY REFERENCE Z"/maskedPhone"
                   BY REFERENCE WS-TEXT-Z
                   BY VALUE WS-TEXT-SIZE
                   BY REFERENCE DESCOPE-NEEDED
                   RETURNING DESCOPE-STATUS
               UNSTRING WS-TEXT-Z DELIMITED BY X"00" INTO WS-PHONE
           END-IF.

      *> Says why the call failed, and whether a message may have been
      *> sent.
       EXPLAIN.
           CALL "descope_json_get" USING
               BY VALUE DESCOPE-ANSWER
               BY REFERENCE Z"/error/message"
               BY REFERENCE WS-TEXT-Z
               BY VALUE WS-TEXT-SIZE
               BY REFERENCE DESCOPE-NEEDED
           UNSTRING WS-TEXT-Z DELIMITED BY X"00" INTO WS-MESSAGE
           CALL "descope_json_get" USING
               BY VALUE DESCOPE-ANSWER
               BY REFERENCE Z"/error/outcome"
               BY REFERENCE WS-TEXT-Z
               BY VALUE WS-TEXT-SIZE
               BY REFERENCE DESCOPE-NEEDED
           UNSTRING WS-TEXT-Z DELIMITED BY X"00" INTO WS-OUTCOME
           DISPLAY FUNCTION TRIM(WS-MESSAGE)
               " (" FUNCTION TRIM(WS-OUTCOME) ")" UPON SYSERR.
