#include "program/elf.h"
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
bool
rf_is_program(const char *path)
{
    Elf64_Ehdr h;
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    memset(&h, 0, sizeof h);
    size_t n = fread(&h, 1, sizeof h, f);
    bool r = false;
    if (n > 2 && memcmp(&h, "#!", 2) == 0)
        r = access(path, X_OK) == 0;
    else if (n == sizeof h && memcmp(&h, "\177ELF", 4) == 0) {
        r = h.e_type == ET_EXEC;
        for (int i = 0; !r && i < h.e_phnum; i++) {
            Elf64_Phdr p;
            fseek(f, (long)(h.e_phoff + (unsigned)i * sizeof p), SEEK_SET);
            if (fread(&p, 1, sizeof p, f) == sizeof p && p.p_type == PT_INTERP)
                r = true;
        }
    }
    fclose(f);
    return r;
}
