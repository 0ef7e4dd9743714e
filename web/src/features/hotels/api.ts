import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Versioned, type Write } from "../../api/client";
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
    mutationFn: ({ hotel, write }: { hotel: HotelChanges; write: Write }) =>
      api.create<Hotel>("/hotels/", hotel, write),
    onSuccess: refetch,
  });
}

export function useUpdateHotel(id: number) {
  const refetch = useRefetch();
  return useMutation({
    mutationFn: async ({ changes, write }: { changes: PartialHotelChanges; write: Write }) => {
      const { image_base64: image, ...rest } = changes;
      const saved = await api.patch<Hotel>(`/hotels/${id}/`, image === null ? rest : changes, write);
      // No photo in a PATCH is no change of it: taking it away is a request of its own, on the version that the PATCH
      // made. If it fails, the whole change is sent again on that version.
      if (image === null) await api.remove(`/hotels/${id}/image/`, write);
      return saved;
    },
    // Where only half of it succeeded, too.
    onSettled: refetch,
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
