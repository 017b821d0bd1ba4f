/* The one function of bcryptprimitives.dll that Rust's standard library calls, for versions of wine
 * that have no such library, as that of Debian 12. Windows has it, and so has wine 9: they are
 * preferred. */
#include <windows.h>

/* RtlGenRandom, under the name that it has in advapi32.dll. */
BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length);

BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    /* It takes the length as 32 bits. */
    while (length > MAXLONG) {
        if (!SystemFunction036(buffer, MAXLONG))
            return FALSE;
        buffer += MAXLONG;
        length -= MAXLONG;
    }
    return SystemFunction036(buffer, (ULONG)length);
}
