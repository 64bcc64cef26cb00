export async function hotelYear(_data: string): Promise<[string, boolean][]> {
  return [];
}
