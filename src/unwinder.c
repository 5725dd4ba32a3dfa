/* Finds the unwind table of a code address, for the unwinder that src/build.rs links in. The C
   library does so itself since glibc 2.35; with this, the program runs with older ones too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

struct search {
  ElfW(Addr) address;
  struct dl_find_object *found;
};

/* Notes the object if the address is in it; 1 ends the search. */
static int visit(struct dl_phdr_info *object, size_t size, void *data) {
  struct search *search = data;
  const ElfW(Phdr) *table = NULL, *segment = NULL;
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    ElfW(Addr) start = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == DLFO_EH_SEGMENT_TYPE) {
      table = header;
    } else if (header->p_type == PT_LOAD && search->address - start < header->p_memsz) {
      segment = header;
    }
  }
  if (table == NULL || segment == NULL) {
    return 0;
  }
  char *start = (char *)(object->dlpi_addr + segment->p_vaddr);
  *search->found = (struct dl_find_object){
      .dlfo_map_start = start,
      .dlfo_map_end = start + segment->p_memsz,
      .dlfo_eh_frame = (void *)(object->dlpi_addr + table->p_vaddr),
  };
  return 1;
}

/* As in glibc's manual: 0, and the object that contains the address, or -1. */
__attribute__((visibility("hidden"))) int _dl_find_object(void *address,
                                                          struct dl_find_object *found) {
  struct search search = {(ElfW(Addr))address, found};
  return dl_iterate_phdr(visit, &search) == 1 ? 0 : -1;
}
