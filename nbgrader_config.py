"""How instructors make and grade assignments with nbgrader; see the README."""

c = get_config()  # noqa: F821  (nbgrader defines it)
c.CourseDirectory.course_id = "rnncourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"  # exercises/ is made by `make exercises`
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("Replace this line with your own code.")'
}
