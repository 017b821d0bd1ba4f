! Sends a magic link by SMS to an existing user:
!
!     DESCOPE_PROJECT_ID=P... ./signin LOGIN_ID
!
! Without an argument the login ID comes from DESCOPE_LOGIN_ID.
program signin
  use, intrinsic :: iso_c_binding, only: c_int32_t, c_null_ptr, c_ptr
  use, intrinsic :: iso_fortran_env, only: error_unit
  use descope_ml
  implicit none

  character(len=256) :: login_id
  type(c_ptr) :: request = c_null_ptr, response = c_null_ptr
  integer(c_int32_t) :: status
  integer :: missing

  call get_command_argument(1, login_id, status=missing)
  if (missing /= 0) call get_environment_variable('DESCOPE_LOGIN_ID', login_id, status=missing)
  if (missing /= 0) then
    write (error_unit, '(a)') 'usage: signin LOGIN_ID'
    stop 2
  end if

  status = json_set(request, '/loginId', trim(login_id))
  if (status == DESCOPE_OK) status = magiclink_signin_sms(request, response)

  if (status == DESCOPE_OK) then
    print '(a)', 'sent to ' // json_get(response, '/maskedPhone')
  else
    ! The outcome "unknown" means that the message may have been sent.
    write (error_unit, '(a)') status_name(status) // ': ' // json_get(response, '/error/message') &
      // ' (' // json_get(response, '/error/outcome') // ')'
  end if

  call string_free(request)
  call string_free(response)
  if (status /= DESCOPE_OK) stop 1
end program signin
