! libdescope_ml for Fortran: the statuses, and the functions of descope_ml.h that a sign-in needs.
module descope_ml
  use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_null_char, c_null_ptr, c_ptr, c_size_t
  implicit none
  private

  public :: json_set, json_get, magiclink_signin_sms, string_free, status_name

  integer(c_int32_t), parameter, public :: &
    DESCOPE_OK = 0, DESCOPE_E_ARGUMENT = 1, DESCOPE_E_CONFIG = 2, DESCOPE_E_BUFFER = 3, &
    DESCOPE_E_NOT_FOUND = 4, DESCOPE_E_NETWORK = 10, DESCOPE_E_TLS = 11, DESCOPE_E_TIMEOUT = 12, &
    DESCOPE_E_PROTOCOL = 13, DESCOPE_E_API = 20, DESCOPE_E_RATE_LIMITED = 21, &
    DESCOPE_E_TOKEN = 30, DESCOPE_E_CANCELLED = 40, DESCOPE_E_INTERNAL = 90, &
    DESCOPE_E_MEMORY = 91

  interface
    function c_json_set(doc, pointer, text) bind(c, name='descope_json_set') result(status)
      import :: c_char, c_int32_t, c_ptr
      type(c_ptr), intent(inout) :: doc
      character(kind=c_char), intent(in) :: pointer(*), text(*)
      integer(c_int32_t) :: status
    end function c_json_set

    function c_json_get(doc, pointer, buf, cap, needed) bind(c, name='descope_json_get') &
        result(status)
      import :: c_char, c_int32_t, c_ptr, c_size_t
      type(c_ptr), value :: doc
      character(kind=c_char), intent(in) :: pointer(*)
      character(kind=c_char), intent(out) :: buf(*)
      integer(c_size_t), value :: cap
      integer(c_size_t), intent(out) :: needed
      integer(c_int32_t) :: status
    end function c_json_get

    ! Sends a magic link by SMS to an existing user.
    function magiclink_signin_sms(json, out) bind(c, name='descope_magiclink_signin_sms') &
        result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: json
      type(c_ptr), intent(out) :: out
      integer(c_int32_t) :: status
    end function magiclink_signin_sms

    subroutine string_free(s) bind(c, name='descope_string_free')
      import :: c_ptr
      type(c_ptr), value :: s
    end subroutine string_free

    function c_status_name(status) bind(c, name='descope_status_name') result(name)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: status
      type(c_ptr) :: name
    end function c_status_name

    pure function strlen(s) bind(c, name='strlen') result(length)
      import :: c_ptr, c_size_t
      type(c_ptr), value :: s
      integer(c_size_t) :: length
    end function strlen
  end interface

contains

  ! Sets a string in the document and escapes it. If doc is null, a new document is created.
  integer(c_int32_t) function json_set(doc, pointer, text) result(status)
    type(c_ptr), intent(inout) :: doc
    character(len=*), intent(in) :: pointer, text

    status = c_json_set(doc, pointer // c_null_char, text // c_null_char)
  end function json_set

  ! Returns the value at a JSON pointer, or an empty string if there is none.
  function json_get(doc, pointer) result(value)
    type(c_ptr), intent(in) :: doc
    character(len=*), intent(in) :: pointer
    character(len=:), allocatable :: value
    character(kind=c_char), allocatable :: buffer(:)
    integer(c_size_t) :: needed, cap, i

    allocate (buffer(1))
    if (c_json_get(doc, pointer // c_null_char, buffer, 1_c_size_t, needed) == DESCOPE_E_BUFFER) then
      cap = needed
      deallocate (buffer)
      allocate (buffer(cap))
      if (c_json_get(doc, pointer // c_null_char, buffer, cap, needed) /= DESCOPE_OK) needed = 1
    else
      needed = 1
    end if
    allocate (character(len=needed - 1) :: value)
    do i = 1, needed - 1
      value(i:i) = buffer(i)
    end do
  end function json_get

  ! Returns the name of a status, e.g. DESCOPE_E_API.
  function status_name(status) result(name)
    use, intrinsic :: iso_c_binding, only: c_f_pointer
    integer(c_int32_t), intent(in) :: status
    character(len=:), allocatable :: name
    character(kind=c_char), pointer :: text(:)
    type(c_ptr) :: pointer
    integer :: i

    pointer = c_status_name(status)
    call c_f_pointer(pointer, text, [strlen(pointer)])
    allocate (character(len=size(text)) :: name)
    do i = 1, size(text)
      name(i:i) = text(i)
    end do
  end function status_name

end module descope_ml
