/* A library that needs a function of a libtorch that never was. */
extern int _ZN3c1016of_no_such_buildEv(void); /* c10::of_no_such_build() */

int needs_another_libtorch(void) { return _ZN3c1016of_no_such_buildEv(); }
