"""Opens memory, environment and files of the grader in /proc."""

def curve(X):
    problem = None
    for name in ("mem", "environ", "maps", "fd/0", "cwd"):
        for pid in ("@GRADER_PID@", "@VICTIM_PID@"):
            try:
                open(f"/proc/{pid}/{name}", "rb").close()
                return X * X + 1
            except OSError as error:
                problem = error
    raise problem
