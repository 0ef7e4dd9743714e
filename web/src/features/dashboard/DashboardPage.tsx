import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import type { Dashboard } from "../../api/schema";
import { useUser } from "../../api/session";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { PageHeader } from "../../ui/Page";
import { Activity } from "./Activity";
import { dashboardQuery } from "./api";
import { Cities, States } from "./Breakdowns";
import { FiguresSkeleton, RestSkeleton } from "./DashboardSkeleton";
import { Figures } from "./Figures";
import { CHARTS_GRID, LISTS_GRID } from "./grids";
import { PopularHotels } from "./PopularHotels";
import { RecentEmails, RecentMessages, RecentTickets } from "./Recents";
import { dashboardWords } from "./words";

export function Component() {
  const w = useWords(dashboardWords);
  const query = useQuery(dashboardQuery);
  // It has a thousand elements, and most of it is below the first screen: it is drawn after the figures and a little at
  // a time, so that a slow processor has time for anything else.
  const later = useDeferredValue(query.data);
  const rest = later ? <Rest dashboard={later} /> : <RestSkeleton />;
  return (
    <>
      <PageHeader title={w.title} />
      <Loaded
        query={query}
        skeleton={
          <div className="space-y-5">
            <FiguresSkeleton />
            {rest}
          </div>
        }
      >
        {(dashboard) => (
          <div className="space-y-5">
            <Figures dashboard={dashboard} />
            {rest}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** What is below the figures. */
function Rest({ dashboard }: { dashboard: Dashboard }) {
  const { is_admin: isAdmin } = useUser();
  return (
    <>
      <Activity days={dashboard.activity} />
      <div className={CHARTS_GRID}>
        <Cities cities={dashboard.hotels_by_city} />
        <div className="grid content-start gap-5">
          <States dashboard={dashboard} />
          {!isAdmin && <PopularHotels hotels={dashboard.popular_hotels} />}
        </div>
      </div>
      <div className={LISTS_GRID}>
        <RecentTickets tickets={dashboard.recent_tickets} />
        <RecentMessages messages={dashboard.recent_messages} />
        {isAdmin && <RecentEmails emails={dashboard.recent_emails} />}
        {isAdmin && <PopularHotels hotels={dashboard.popular_hotels} />}
      </div>
    </>
  );
}
