import type { QueryKey, UseQueryOptions } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { PageHeader } from "../ui/Page";
import { ListSkeleton } from "../ui/States";
import { Loaded } from "./Loaded";
import { useEdited } from "./useEdited";

interface Props<T, K extends QueryKey> {
  title: string;
  /** The link to where one came from. */
  back: ReactNode;
  /** Finds the row. */
  query: UseQueryOptions<T, Error, T, K>;
  /** The form of the row, and a function to start again from the row as it is now. */
  children: (row: T, reload: () => void) => ReactNode;
}

/** A screen that changes one row. */
export function EditPage<T, K extends QueryKey>({ title, back, query: options, children }: Props<T, K>) {
  const { query, attempt, reload } = useEdited(options);
  return (
    <>
      <PageHeader title={title} back={back} />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(row) => <Fragment key={attempt}>{children(row, reload)}</Fragment>}
      </Loaded>
    </>
  );
}
