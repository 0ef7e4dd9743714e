-- Every statement here is done within milliseconds, and compiling one takes a hundred: PostgreSQL does so where it believes
-- that a statement is expensive, which it does of a list whose page it does not know yet.
do $$
begin
    execute format('alter database %I set jit = off', current_database());
exception
    when insufficient_privilege then
        raise warning 'the owner of this database should: alter database % set jit = off', current_database();
end
$$;
