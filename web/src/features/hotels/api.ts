import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Versioned } from "../../api/client";
import type { Hotel, HotelChanges, PartialHotelChanges } from "../../api/schema";

export const hotelsQuery = (query: Record<string, string>) =>
  queryOptions({
    queryKey: ["hotels", "list", query],
    queryFn: ({ signal }) => api.get<Page<Hotel>>("/hotels/", query, signal),
    placeholderData: keepPreviousData,
  });

export const hotelQuery = (id: string) =>
  queryOptions({
    queryKey: ["hotels", "one", id],
    queryFn: ({ signal }) => api.find<Hotel>(`/hotels/${id}/`, signal),
  });

export const citiesQuery = queryOptions({
  queryKey: ["hotels", "cities"],
  queryFn: ({ signal }) => api.get<string[]>("/hotels/cities/", {}, signal),
  staleTime: 60_000,
});

/** Whatever changes a hotel changes its lists, its city and the dashboard. */
function useRefetch() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["hotels"] }),
      client.invalidateQueries({ queryKey: ["dashboard"] }),
    ]);
}

export function useCreateHotel() {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (hotel: HotelChanges) => api.create<Hotel>("/hotels/", hotel),
    onSuccess: refetch,
  });
}

export function useUpdateHotel(id: number) {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: async ({
      changes,
      version,
    }: {
      changes: PartialHotelChanges;
      version: string | undefined;
    }) => {
      const { image_base64: image, ...rest } = changes;
      const saved = await api.patch<Hotel>(`/hotels/${id}/`, image === null ? rest : changes, version);
      // No photo in a PATCH is no change of it: taking it away is a request of its own.
      if (image === null) await api.remove(`/hotels/${id}/image/`, saved.version);
      return saved;
    },
    onSuccess: refetch,
  });
}

export function useDeleteHotel() {
  const client = useQueryClient();
  const refetch = useRefetch();
  return useMutation({
    mutationFn: (id: number) => api.remove(`/hotels/${id}/`),
    onSuccess: (_, id) => client.removeQueries({ queryKey: ["hotels", "one", String(id)] }),
    // Where somebody else deleted it first, too.
    onSettled: refetch,
  });
}

export type VersionedHotel = Versioned<Hotel>;
